// An HTTP server that answers at once and keeps the arrival times (monotonic ns): told 'take' by its parent, it hands them
// over and starts anew.
import { createServer } from 'node:http'

let arrivals = []
const server = createServer((request, response) => {
  arrivals.push(Number(process.hrtime.bigint()))
  request.resume()
  response.end('ok')
})
server.keepAliveTimeout = 60_000
process.on('message', () => {
  process.send(arrivals)
  arrivals = []
})
process.on('disconnect', () => process.exit(0))
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
