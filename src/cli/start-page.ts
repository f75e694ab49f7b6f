// What `tailwatt` alone shows: what it is for and what to type first, on one small screen.
export const startPage = `tailwatt measures AI inference: how slow is the tail, how many joules does an
answer cost, and why.

Start here:

  tailwatt run zoo:mlp                     measure a small reference model
  tailwatt run model.onnx --rate 50/s      your model, 50 requests a second
  tailwatt run http://127.0.0.1:8000/      an endpoint; --body has what to send
  tailwatt report latest                   the last run as one HTML page

Without a model:

  tailwatt report demo:h100                the report of a synthetic run
  tailwatt doctor                          what this host can measure
  tailwatt watch                           live meters of this host

\`tailwatt --help\` lists the commands, \`tailwatt run --help\` the flags of one.
\`tailwatt explain\` lists the metrics, findings and errors it can explain.
`
