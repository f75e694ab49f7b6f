// Lists every flag of every verb with its variable, and checks that the variable plans exactly what the flag plans: npm run build &&
// node tools/check-variables.mjs. A new flag needs a row in `samples`.
import { isDeepStrictEqual } from 'node:util'
import { pathToFileURL } from 'node:url'
import { TailwattError, describeError } from '../dist/index.js'
import { blamingVariables, variablesOf } from '../dist/cli/environment.js'
import { createProgram } from '../dist/cli/program.js'
import { planOf } from '../dist/cli/verbs/run-plan.js'
import { planRun } from '../dist/session/plan.js'

const model = ['zoo:mlp']
const endpoint = ['http://127.0.0.1:9/']
const rate = ['--rate', '50/s']
const rule = ['--sla', 'p99<50ms']

/**
 * `value`: one that is not the default. `wrong`: one that must be refused, left out where any text can be meant. `lines`: what the
 * flag takes one by one. `beside`: what must stand with it. `only`: there is no other value.
 */
const onOff = { value: '1', wrong: 'maybe' }
const text = { value: 'other' }
const count = { value: '3', wrong: '1.5' }
const time = { value: '7s', wrong: '7' }
const samples = {
  run: {
    rate: { value: '50/s', wrong: '50' },
    concurrency: count,
    arrivals: { value: 'poisson', wrong: 'uniform', beside: rate },
    pacing: { value: 'spin', wrong: 'fast', beside: rate },
    loadThreads: { ...count, target: endpoint, beside: rate },
    connections: { ...count, target: endpoint },
    for: time,
    requests: count,
    until: { value: 'p90±2%', wrong: 'soon' },
    repeats: count,
    seed: { value: '7', wrong: 'x' },
    batch: count,
    shape: { value: 'a=1x2\nb=3', wrong: 'a', lines: ['a=1x2', 'b=3'] },
    threads: count,
    instances: count,
    opt: { value: 'basic', wrong: 'most' },
    provider: text,
    spinning: { value: '0', wrong: 'maybe' },
    cold: count,
    includeWarmup: onOff,
    idle: { value: '0', wrong: '5' },
    ceilings: onOff,
    api: { value: 'http', wrong: 'smtp', target: endpoint, only: true },
    method: { value: 'PUT', wrong: 'P T', target: endpoint },
    header: { value: 'a: b, c\nd: e', wrong: 'a', lines: ['a: b, c', 'd: e'], target: endpoint },
    body: { ...text, target: endpoint },
    bodyFile: { value: process.execPath, wrong: '/nowhere/body', target: endpoint },
    keepBody: { ...onOff, target: endpoint, beside: ['--body', 'x'] },
    resend: { value: '0', wrong: 'maybe', target: endpoint },
    timeout: { ...time, target: endpoint },
    sla: { value: 'p99<50ms\nmax<1s', wrong: 'p99<50', lines: ['p99<50ms', 'max<1s'] },
    onBreach: { ...text, beside: rule },
    sensors: { value: 'none', wrong: 'nosuch' },
    allowEstimates: { ...onOff, beside: rule },
    maxErrors: { value: '5%', wrong: '500%' },
    strict: onOff,
    advise: onOff,
    region: { value: 'DE', wrong: 'Atlantis' },
    gridIntensity: { value: '250g/kWh', wrong: 'green' },
    pue: { value: '1.2', wrong: '0' },
    tariff: { value: '0.30EUR/kWh', wrong: 'cheap' },
    embodied: { value: '1200kg/4y', wrong: 'heavy' },
    name: text,
    out: text,
    json: onOff,
    quiet: onOff,
    live: { value: '8123', wrong: '99999' },
  },
  watch: { pid: count, hz: { value: '1', wrong: '9' }, for: time, json: onOff },
  list: { out: text, json: onOff },
  show: { out: text, json: onOff, readings: onOff },
  report: { out: text, to: text, json: onOff },
  doctor: { json: onOff, ceilings: onOff, load: onOff },
  'zoo list': { json: onOff },
}
const operands = { show: ['latest'], report: ['latest'] }
/** Deliberately without one: what is set there for measuring must not override what a run was measured with. */
const withoutVariable = {
  show: ['region', 'gridIntensity', 'pue', 'tariff', 'embodied'],
  report: ['region', 'gridIntensity', 'pue', 'tariff', 'embodied'],
}

const leaves = (command, path = []) =>
  command.commands.length === 0
    ? [{ command, path }]
    : command.commands.flatMap((each) => leaves(each, [...path, each.name()]))

/** What a command line would do, with nothing but these variables set. */
async function planned(args, variables = {}) {
  const kept = { ...process.env }
  for (const name of Object.keys(process.env)) if (name.startsWith('TAILWATT_')) delete process.env[name]
  Object.assign(process.env, variables)
  try {
    const program = createProgram()
    let plan
    for (const { command, path } of leaves(program))
      command.action(async (...given) => {
        const flags = command.opts()
        plan = path[0] === 'run' ? await runPlan(given[0], flags, command) : { ...flags }
      })
    await program.parseAsync(args, { from: 'user' })
    return plan
  } finally {
    for (const name of Object.keys(process.env)) delete process.env[name]
    Object.assign(process.env, kept)
  }
}

async function runPlan(target, flags, command) {
  const { command: _, ...options } = await blamingVariables(command, flags, (some) => planOf(target, some))
  const { json, quiet, strict, live } = flags
  return { options, plan: planRun(options), json, quiet, strict, live }
}

async function faultsOf(path, option, variable, sample) {
  const base = [
    ...path,
    ...(path[0] === 'run' ? (sample.target ?? model) : (operands[path[0]] ?? [])),
    ...(sample.beside ?? []),
  ]
  const takesValue = option.required || option.optional
  const flag = takesValue ? (sample.lines ?? [sample.value]).flatMap((value) => [option.long, value]) : [option.long]
  const [plain, byFlag, byVariable, byEmpty] = [
    await planned(base),
    await planned([...base, ...flag]),
    await planned(base, { [variable]: sample.value }),
    await planned(base, { [variable]: '' }),
  ]
  const faults = []
  if (!sample.only && isDeepStrictEqual(byVariable, plain)) faults.push('changes nothing')
  if (!isDeepStrictEqual(byVariable, byFlag)) faults.push('is not what the flag is')
  if (!isDeepStrictEqual(byEmpty, plain)) faults.push('means something when it is empty')
  if (sample.wrong === undefined) return faults
  const refusal = await planned(base, { [variable]: sample.wrong }).then(
    () => undefined,
    (error) => (error instanceof TailwattError ? describeError(error) : undefined),
  )
  if (refusal?.exit !== 2 || !refusal.title.includes(`the variable ${variable} `)) faults.push('takes a wrong value')
  const overridden = await planned([...base, ...flag], { [variable]: sample.wrong }).catch(() => undefined)
  if (!isDeepStrictEqual(overridden, byFlag)) faults.push('goes before the flag')
  return faults
}

/** A row for each flag; one without faults works. */
export async function checkVariables() {
  const rows = []
  for (const { command, path } of leaves(createProgram())) {
    const verb = path.join(' ')
    const variables = variablesOf(command)
    for (const option of command.options) {
      const key = option.attributeName()
      const variable = variables.find((each) => each.option === option)?.name
      const twin = variables.some((each) => each.option !== option && each.option.attributeName() === key)
      const row = { verb, flag: option.long, variable }
      const sample = samples[verb]?.[key]
      if (variable === undefined) {
        const meant = twin || withoutVariable[verb]?.includes(key)
        rows.push({ ...row, faults: meant ? [] : ['has no variable'] })
      } else if (sample === undefined) rows.push({ ...row, faults: ['has no sample in tools/check-variables.mjs'] })
      else rows.push({ ...row, faults: await faultsOf(path, option, variable, sample) })
    }
  }
  return rows
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const rows = await checkVariables()
  for (const { verb, flag, variable, faults } of rows)
    console.log(
      `${verb.padEnd(9)} ${flag.padEnd(18)} ${(variable ?? '–').padEnd(26)} ${faults.length === 0 ? 'ok' : faults.join('; ')}`,
    )
  if (rows.some(({ faults }) => faults.length > 0)) process.exitCode = 1
}
