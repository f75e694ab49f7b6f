// `--on-breach`: runs the user's command once, when a rule is broken beyond doubt, with the facts as JSON on stdin.
// A command that fails or hangs never touches the measurement: it is waited for at the end, for at most ten seconds, and
// nothing that it started outlives the run.
import { spawn, type ChildProcess } from 'node:child_process'
import type { Writable } from 'node:stream'

export interface BreachFacts {
  readonly rule: string
  readonly value: number
  readonly unit: string
  readonly limit: number
  readonly at_s: number
  readonly run: string
  readonly folder: string
  readonly target: string
}

export interface BreachCommand {
  /** Exit status; null when it could not start or had to be ended. */
  readonly status: Promise<number | null>
  /** Ends whatever of it still runs. */
  end(): void
}

const patienceMs = 10_000

export function runBreachCommand(command: string, facts: BreachFacts): BreachCommand {
  const child = startShell(command)
  let over = false
  const end = (): void => {
    // Once: later another group may have this number.
    if (!over) endGroup(child)
    over = true
  }
  // A main process that leaves in a hurry (the second Ctrl-C) takes it along.
  process.once('exit', end)
  const status = new Promise<number | null>((resolve) => {
    child.on('error', () => resolve(null))
    child.on('exit', (code) => resolve(code))
    setTimeout(() => {
      end()
      resolve(null)
    }, patienceMs).unref()
  })
  // The command may end without reading: its closed pipe is not our failure.
  child.stdin!.on('error', () => undefined)
  child.stdin!.end(`${JSON.stringify(facts)}\n`)
  return {
    status,
    end: () => {
      process.off('exit', end)
      end()
    },
  }
}

/** Reads its command from descriptor 3: on its own command line everybody on the host could read the keys of a webhook. */
const shellOfDescriptor = 'command=$(cat <&3); exec 3<&-; eval "$command"'

function startShell(command: string): ChildProcess {
  if (process.platform === 'win32') return spawn(command, { shell: true, stdio: ['pipe', 'ignore', 'inherit'] })
  // A process group of its own can be ended as one, and does not hear the signals that end the run.
  const child = spawn('/bin/sh', ['-c', shellOfDescriptor], {
    stdio: ['pipe', 'ignore', 'inherit', 'pipe'],
    detached: true,
  })
  const script = child.stdio[3] as Writable
  script.on('error', () => undefined)
  script.end(command)
  return child
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    // Windows has no groups: its shell alone is ended.
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL')
  } catch (error) {
    // Nothing of it runs any more, or only what it made another user's: neither is a reason to lose the run.
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}
