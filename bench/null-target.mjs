// A blocking target that does nothing at all: what is measured of it is the client's.
const outcome = { status: 0, sizeIn: 0, sizeOut: 0, engine: Number.NaN }

export const provider = {
  kind: 'null',
  flow: 'blocking',
  inspect: async () => ({ name: 'null' }),
  open: async () => ({
    flow: 'blocking',
    target: {
      prepare: async () => ({ facts: { name: 'null' }, timings: { load_ms: 0, session_ms: 0 } }),
      infer: () => outcome,
      close: async () => undefined,
    },
  }),
}
