// ONNX models on ONNX Runtime. Inspecting needs no engine: the structure is read by our own reader. Opening imports the
// engine, which is optional, in the calling thread.
import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { TailwattError } from '../../base/errors.ts'
import { openFileSource } from '../../host/file-source.ts'
import { inspectModel } from '../../onnx/inspect.ts'
import type { ModelFacts } from '../../run/manifest.ts'
import type { TargetProvider, TargetSpec } from '../target.ts'
import { OrtInstance, type OnnxSpecOptions } from './ort-instance.ts'
import { ensureZooModel } from './zoo-cache.ts'

export const onnxTarget: Pick<TargetProvider, 'inspect' | 'open'> = {
  inspect: async (spec) => ({
    model: await modelFactsOf(spec),
    threads: optionsOf(spec).threads ?? null,
    batch: spec.batch ?? 1,
  }),
  open: async (spec, instance) => {
    const options = optionsOf(spec)
    const path = await modelPath(options.path)
    return { flow: 'blocking', target: new OrtInstance(path, options, await modelFactsOf(spec), instance) }
  },
}

function optionsOf(spec: TargetSpec): OnnxSpecOptions {
  const options = spec.options as unknown as OnnxSpecOptions
  if (typeof options.path !== 'string')
    throw new TailwattError('usage', { message: 'an ONNX target needs a path', verb: 'run' })
  // Where it stood before 0.1.0 was done, and would now be ignored.
  if ('batch' in spec.options)
    throw new TailwattError('usage', { message: 'the batch is a field of the target, beside its options', verb: 'run' })
  return options
}

const modelPath = async (path: string): Promise<string> =>
  path.startsWith('zoo:') ? ensureZooModel(path.slice(4)) : path

async function modelFactsOf(spec: TargetSpec): Promise<ModelFacts> {
  const options = optionsOf(spec)
  const path = await modelPath(options.path)
  const source = openFileSource(path)
  try {
    const facts = inspectModel(source, {
      path,
      ...(options.shapes === undefined ? {} : { shapes: options.shapes }),
      batch: spec.batch ?? 1,
      external: (location) => statSync(join(dirname(path), location), { throwIfNoEntry: false })?.size,
    })
    // A cache path says nothing to the user and differs from host to host.
    return options.path.startsWith('zoo:') ? { ...facts, path: options.path } : facts
  } finally {
    source.close()
  }
}
