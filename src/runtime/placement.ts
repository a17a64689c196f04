import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GraphOnCpu } from '../common/engineContract';

/** Refuses a session of which a node would stay on the CPU. Providers must not name the CPU then. */
export const withoutCpu = { session: { disable_cpu_ep_fallback: '1' } } as const;

const refusal = 'fallback to CPU EP has been explicitly disabled';

/** A line of ONNX Runtime's profile; only nodes have these arguments. */
interface ProfileLine {
  args?: { op_name?: string; provider?: string };
}

/** A profile of a session's first run: where its nodes were. */
export class NodeProfile {
  private readonly folder = mkdtempSync(join(tmpdir(), 'gradstep-profile-'));
  readonly options = { enableProfiling: true, profileFilePrefix: join(this.folder, 'nodes') };

  /** The operators that ran on the CPU; call it after the session has ended the profile, once. */
  take(): string[] {
    try {
      const lines = readdirSync(this.folder).flatMap(
        (name) => JSON.parse(readFileSync(join(this.folder, name), 'utf8')) as ProfileLine[],
      );
      const onCpu = lines.filter(({ args }) => args?.provider === 'CPUExecutionProvider');
      return [...new Set(onCpu.flatMap(({ args }) => args?.op_name ?? []))].sort();
    } finally {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }
}

/** What of the graphs that were meant for CUDA stays on the CPU, as ONNX Runtime itself says. */
export class Placement {
  private readonly byGraph = new Map<string, { graphs: number; operators: Set<string> }>();

  get onCpu(): GraphOnCpu[] {
    return [...this.byGraph].map(([graph, { graphs, operators }]) => ({
      graph,
      graphs,
      operators: [...operators].sort(),
    }));
  }

  /**
   * Creates a session that is wholly on its provider or, where ONNX Runtime refuses that, one that is partly on the CPU,
   * and remembers it.
   * @param create `strict`: throws where a node would stay on the CPU
   */
  create<T>(graph: string, create: (strict: boolean) => T): { session: T; whole: boolean } {
    try {
      return { session: create(true), whole: true };
    } catch (cause) {
      if (!(cause instanceof Error) || !cause.message.includes(refusal)) throw cause;
    }
    const session = create(false);
    const known = this.byGraph.get(graph) ?? { graphs: 0, operators: new Set<string>() };
    known.graphs++;
    this.byGraph.set(graph, known);
    return { session, whole: false };
  }

  /** Adds which operators of a graph ran on the CPU. */
  learn(graph: string, operators: readonly string[]): void {
    for (const operator of operators) this.byGraph.get(graph)?.operators.add(operator);
  }
}
