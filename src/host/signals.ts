// The signals by which a user, a terminal or a supervisor asks a program to end. They often go to the whole process group: the
// main process decides what they mean, and its children only listen to it.
const endSignals: readonly string[] = ['SIGINT', 'SIGTERM', 'SIGHUP'] satisfies readonly NodeJS.Signals[]

/** For children: the parent tells them when to end. */
export function ignoreGroupSignals(): void {
  for (const signal of endSignals) process.on(signal, () => undefined)
}

/** Whether a process ended by a signal that asks to. */
export const isEndSignal = (signal: string | null): boolean => signal !== null && endSignals.includes(signal)
