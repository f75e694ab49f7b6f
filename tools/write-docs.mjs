// Writes docs/findings.md and docs/cli.md from the code that they describe: npm run build && node tools/write-docs.mjs
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { findingCatalog } from '../dist/analysis/findings/catalog.js'
import { errorKinds } from '../dist/base/errors.js'
import { metricCatalog } from '../dist/metrics/catalog.js'

const file = (name) => new URL(`../docs/${name}`, import.meta.url)
const main = new URL('../dist/cli/main.js', import.meta.url).pathname
const help = (...verb) =>
  spawnSync(process.execPath, [main, ...verb, '--help'], {
    encoding: 'utf8',
    env: { ...process.env, COLUMNS: '110' },
  }).stdout.trim()

writeFileSync(
  file('findings.md'),
  `# Findings\n\nWhat tailwatt may find in a run, from the code (\`tools/write-docs.mjs\`); \`tailwatt explain <id>\` says the same.\n\n${findingCatalog
    .map((rule) => `## \`${rule.id}\`\n\n**${rule.title}.** ${rule.explain}\n`)
    .join('\n')}`,
)

const exits = [
  [0, 'the run is complete and every rule holds or is unsure'],
  [1, 'a bug'],
  [2, 'usage: an unknown flag, a wrong value, a file that is not there'],
  [3, 'the target failed: not a model, engine missing, provider unavailable, too many failed requests'],
  [4, 'the host cannot measure what a rule requires, or cannot store'],
  [5, 'an SLA rule failed'],
  [6, 'with `--strict`: not trustworthy, or a rule is unsure'],
  [130, 'interrupted; what was measured is saved'],
]
const verbs = ['run', 'watch', 'list', 'show', 'report', 'doctor', 'zoo', 'explain', 'schema']
writeFileSync(
  file('cli.md'),
  [
    '# Command line',
    '',
    'Stdout carries the result, stderr progress and warnings. `tailwatt model.onnx` is short for `tailwatt run model.onnx`, `tailwatt zoo` for `tailwatt zoo list`.',
    '',
    '## Variables',
    '',
    'A flag `--some-flag` may come from `TAILWATT_SOME_FLAG` where `env:` stands with it. The flag wins, and its variable is not looked at then.',
    '',
    '- An empty variable is not set.',
    '- A flag without a value is on for `1`, `true`, `yes` and `on`, off for `0`, `false`, `no` and `off`: `TAILWATT_SPINNING=0` is `--no-spinning`, `TAILWATT_CEILINGS=0` is `--no-ceilings`. `TAILWATT_LIVE` takes these words or a port.',
    '- A flag that may be repeated takes one value a line.',
    '- A value that cannot be meant is refused by the name of its variable, with exit status 2.',
    '- A flag that does nothing for this target or beside the other flags is refused; a variable, which may be set for runs of all kinds, is not used.',
    '- `show` and `report` take no energy flag from a variable: what is set for measuring must not change what a run was measured with.',
    '',
    ...verbs.flatMap((verb) => [`## ${verb}`, '', '```', help(verb), '```', '']),
    '## Exit codes',
    '',
    '| code | when |',
    '|---|---|',
    ...exits.map(([code, when]) => `| ${code} | ${when} |`),
    '',
    'The first that applies in the order 130, 1, 2, 3, 4, 5, 6 wins. With `TAILWATT_DEBUG=1` a bug shows where it happened.',
    '',
    '## Metrics of `--sla` rules',
    '',
    '| metric | unit | good is | formula |',
    '|---|---|---|---|',
    ...metricCatalog.map((m) => `| \`${m.id}\` | ${m.unit} | ${m.better} | ${m.formula.replaceAll('|', '\\|')} |`),
    '',
    '## Errors',
    '',
    '| code | exit | what | what to do |',
    '|---|---|---|---|',
    ...Object.entries(errorKinds).map(
      ([code, kind]) => `| \`${code}\` | ${kind.exit} | ${kind.title} | ${kind.remedy} |`,
    ),
    '',
  ].join('\n'),
)
