// The sensors there are. Only this file names concrete ones; a path or file URL names a module of the user's.
import { importProvider, namesModule } from '../host/extension.ts'
import type { Host } from '../host/host.ts'
import { model } from './model/model.ts'
import { nvml } from './nvml/nvml.ts'
import { procfs } from './procfs/procfs.ts'
import { rapl } from './rapl/rapl.ts'
import type { SensorProvider, SensorSpec } from './sensor.ts'

export const sensorProviders: readonly SensorProvider[] = [rapl, nvml, procfs, model]

/** `undefined` when there is none of that name. @throws Error when a module of the user's cannot be loaded. */
export const findSensorProvider = async (kind: string): Promise<SensorProvider | undefined> =>
  namesModule(kind) ? importProvider(kind) : sensorProviders.find((provider) => provider.id === kind)

/** All of them: what cannot work on a host says so itself. */
export const defaultSensors = (_host: Host): readonly SensorSpec[] =>
  sensorProviders.map((provider) => ({ kind: provider.id, options: {} }))
