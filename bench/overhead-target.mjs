// MobileNetV2 on ONNX Runtime, in blocks by the clock: in one block the load host's own loop drives the session, in the next
// a bare loop around `session.run` does, on the same session with the same inputs. Both note when each inference began.
import { writeFileSync } from 'node:fs'
import { findTargetProvider } from '../dist/targets/catalog.js'
import { importOrt } from '../dist/targets/onnx/ort.js'
import { isBare, now } from './overhead-blocks.mjs'

export const provider = {
  kind: 'overhead',
  flow: 'blocking',
  inspect: async (spec) => (await findTargetProvider('onnx')).inspect({ kind: 'onnx', options: spec.options }),
  open: async (spec, index) => {
    const { InferenceSession } = await importOrt()
    const create = InferenceSession.create
    let session
    InferenceSession.create = async (...args) => (session = await create.apply(InferenceSession, args))
    const onnx = await findTargetProvider('onnx')
    const { target } = await onnx.open({ kind: 'onnx', options: spec.options }, index)
    const begun = []
    let feeds
    return {
      flow: 'blocking',
      target: {
        prepare: async () => {
          const info = await target.prepare()
          const run = session.run
          session.run = (given) => {
            feeds = given
            session.run = run
            return run.call(session, given)
          }
          return info
        },
        infer: async (batch) => {
          begun.push(now())
          if (feeds === undefined || !isBare(begun.at(-1))) return target.infer(batch)
          do {
            await session.run(feeds)
            begun.push(now())
          } while (isBare(begun.at(-1)))
          return target.infer(batch)
        },
        close: async () => {
          writeFileSync(spec.options.log, JSON.stringify(begun))
          await target.close()
        },
      },
    }
  },
}
