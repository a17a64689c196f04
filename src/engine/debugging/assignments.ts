/**
 * Where in a run something is: before its nth statement or after its nth layer of a forward, counted together from 1;
 * or after an event. A run of the same script comes by there again.
 */
export type AssignmentPlace = { statement: number } | { event: number };

/** A change that a person made while the script rested, as a statement of the script. */
export interface Assignment {
  place: AssignmentPlace;
  /** Of the script's frames the innermost is 0. */
  frame: number;
  source: string;
}

/** The changes of a session, in their order: a run that repeats what happened repeats them too. */
export class Assignments {
  private all: Assignment[] = [];

  add(assignment: Assignment): void {
    this.all.push(assignment);
  }

  clear(): void {
    this.all = [];
  }

  /** Forgets those that a run no longer comes by: what was made after a moment. */
  keep(isBefore: (place: AssignmentPlace) => boolean): void {
    this.all = this.all.filter(({ place }) => isBefore(place));
  }

  at(place: AssignmentPlace): Assignment[] {
    if (this.all.length === 0) return [];
    return this.all.filter(({ place: own }) => samePlace(own, place));
  }
}

function samePlace(a: AssignmentPlace, b: AssignmentPlace): boolean {
  return 'event' in a ? 'event' in b && a.event === b.event : 'statement' in b && a.statement === b.statement;
}
