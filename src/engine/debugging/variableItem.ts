/** A variable before a client has been given a reference to it. */
export interface VariableItem {
  readonly name: string;
  /** One line. */
  readonly text: string;
  readonly type: string;
  /** Null for one without children. */
  readonly children: Children | null;
  readonly access: Access;
}

/** How a variable is reached from the script. */
export interface Access {
  /** A Python expression of its frame that yields it; null where there is none. */
  readonly evaluateName: string | null;
  /** What a new value is assigned to; null where none can be set. */
  readonly target: string | null;
  readonly dataId: string | null;
}

/** What is inside of a variable: made when it is asked for. */
export interface Children {
  readonly named: number;
  namedItems(): readonly VariableItem[];
  readonly indexed: number;
  indexedItem(index: number): VariableItem;
}

export const noAccess: Access = { evaluateName: null, target: null, dataId: null };

export function plainItem(name: string, text: string, type = ''): VariableItem {
  return { name, text, type, children: null, access: noAccess };
}

/** @param count how many `items` there will be: they are made when somebody looks at them */
export function groupItem(
  name: string,
  text: string,
  count: number,
  items: () => readonly VariableItem[],
  type = '',
): VariableItem {
  return { name, text, type, children: count === 0 ? null : childrenOf(count, items), access: noAccess };
}

export function childrenOf(
  named: number,
  namedItems: () => readonly VariableItem[],
  indexed = 0,
  indexedItem: (index: number) => VariableItem = noItem,
): Children {
  let made: readonly VariableItem[] | null = null;
  return { named, namedItems: () => (made ??= namedItems()), indexed, indexedItem };
}

function noItem(index: number): never {
  throw new RangeError(`there is no element ${index}`);
}
