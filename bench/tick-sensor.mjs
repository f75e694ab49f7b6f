// A sensor that reads nothing: the times of its readings are when the sampler came.
export const provider = {
  id: 'tick',
  summary: 'when the sampler came',
  gives: { text: 'ticks', what: 'ticks' },
  open: async () => ({
    ok: true,
    sensor: {
      channels: [{ id: 'tick', sensor: 'tick', quantity: 'count', unit: '1', kind: 'counter', scope: 'thread' }],
      read: (at, out) => {
        out.put(0, at, 0)
        return 'ok'
      },
      close: () => undefined,
    },
  }),
}
