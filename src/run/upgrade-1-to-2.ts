// What format 2 of run.json changed (docs/format-changes.md), one subject a file: facts that were text before are data now.
// Only these files read text that tailwatt wrote. Of a manifest they change what it has; what does not fit stays as it is,
// for the schema to judge.
import { upgradeCertificate } from './upgrade-1-to-2/certificate.ts'
import { upgradeChannels } from './upgrade-1-to-2/channels.ts'
import { upgradeEnergy } from './upgrade-1-to-2/energy.ts'
import { upgradeFigures } from './upgrade-1-to-2/figures.ts'
import { upgradeCoincidence, upgradeFindings } from './upgrade-1-to-2/findings.ts'
import { upgradeModel } from './upgrade-1-to-2/model.ts'
import { upgradeOrigins } from './upgrade-1-to-2/origins.ts'
import { upgradeUtilization } from './upgrade-1-to-2/utilization.ts'
import type { Json } from './upgrade-1-to-2/json.ts'

const steps: readonly ((document: Json) => Json)[] = [
  upgradeOrigins,
  upgradeEnergy,
  upgradeModel,
  upgradeChannels,
  upgradeUtilization,
  upgradeFigures,
  upgradeCertificate,
  upgradeCoincidence,
  upgradeFindings,
]

export const upgrade1To2 = (document: Json): Json => steps.reduce((upgraded, step) => step(upgraded), document)
