// A sensor that reads nothing: the times of its readings are when the sampler came.
export const provider = {
  id: 'tick',
  summary: 'when the sampler came',
  probe: async () => ({ ok: true, gives: 'ticks' }),
  open: async () => ({
    channels: [{ id: 'tick', sensor: 'tick', quantity: 'count', unit: '1', kind: 'counter', scope: 'thread' }],
    read: (at, out) => {
      out.put(0, at, 0)
      return 'ok'
    },
    close: () => undefined,
  }),
}
