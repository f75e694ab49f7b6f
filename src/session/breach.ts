// `--on-breach`: runs the user's command once, when a rule is broken beyond doubt, with the facts as JSON on stdin.
// A command that fails or hangs never touches the measurement: it is waited for at the end, for at most ten seconds.
import { spawn } from 'node:child_process'

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
}

export function runBreachCommand(command: string, facts: BreachFacts): BreachCommand {
  const child = spawn(command, { shell: true, stdio: ['pipe', 'ignore', 'inherit'] })
  const status = new Promise<number | null>((resolve) => {
    child.on('error', () => resolve(null))
    child.on('exit', (code) => resolve(code))
    setTimeout(() => {
      child.kill('SIGKILL')
      resolve(null)
    }, 10_000).unref()
  })
  // The command may end without reading: its closed pipe is not our failure.
  child.stdin.on('error', () => undefined)
  child.stdin.end(`${JSON.stringify(facts)}\n`)
  return { status }
}
