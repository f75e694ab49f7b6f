// An HTTP server that does nothing: it answers each request at once. What is measured against it is the client.
import { createServer } from 'node:net'

const answer = Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
const blankLine = Buffer.from('\r\n\r\n')

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy())
  socket.on('data', (bytes) => {
    // One request outstanding on a connection, without a body: it comes whole.
    if (bytes.subarray(-4).equals(blankLine)) socket.write(answer)
  })
})
process.on('disconnect', () => process.exit(0))
server.listen(0, '127.0.0.1', () => process.send!((server.address() as { readonly port: number }).port))
