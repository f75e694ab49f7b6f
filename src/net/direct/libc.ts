// The system calls of the direct client: sockets, epoll and clocks of Linux on 64 bits through libc, with the numbers and
// layouts of include/uapi/linux (socket.h, eventpoll.h, time.h) and of `struct msghdr`.
import type { NativeLibrary } from '../../host/host.ts'
import { loadNativeLibrary } from '../../host/library.ts'
import { fail, ok, type Result } from '../../base/result.ts'

const prototypes = {
  socket: 'int socket(int, int, int)',
  connect: 'int connect(int, void *, unsigned int)',
  bind: 'int bind(int, void *, unsigned int)',
  listen: 'int listen(int, int)',
  accept4: 'int accept4(int, void *, void *, int)',
  getsockname: 'int getsockname(int, void *, void *)',
  setsockopt: 'int setsockopt(int, int, int, void *, unsigned int)',
  getsockopt: 'int getsockopt(int, int, int, void *, void *)',
  send: 'long send(int, void *, unsigned long, int)',
  recvmsg: 'long recvmsg(int, void *, int)',
  read: 'long read(int, void *, unsigned long)',
  close: 'int close(int)',
  clock_gettime: 'int clock_gettime(int, void *)',
  timerfd_create: 'int timerfd_create(int, int)',
  timerfd_settime: 'int timerfd_settime(int, int, void *, void *)',
  epoll_create1: 'int epoll_create1(int)',
  epoll_ctl: 'int epoll_ctl(int, int, int, void *)',
  epoll_wait: 'int epoll_wait(int, void *, int, int)',
  prctl: 'int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)',
} as const
/** glibc 2.35 and Linux 5.11. */
const newer = { epoll_pwait2: 'int epoll_pwait2(int, void *, int, void *, void *)' } as const

type Call = (...args: readonly (number | Uint8Array | null)[]) => number
export type Libc = { readonly [Name in keyof typeof prototypes]: Call } & {
  readonly epoll_pwait2: Call | undefined
} & Pick<NativeLibrary, 'errno' | 'address'>

const AF = { inet: 2, inet6: 10 } as const
export const family: Readonly<Record<4 | 6, number>> = { 4: AF.inet, 6: AF.inet6 }
/** SOCK_STREAM | SOCK_CLOEXEC, with and without SOCK_NONBLOCK. */
export const stream = { blocking: 0x80001, nonBlocking: 0x80801 } as const
export const level = { socket: 1, tcp: 6 } as const
export const option = { error: 4, timestampNs: 35, noDelay: 1 } as const
export const clockId = { real: 0, monotonic: 1 } as const
/** MSG_NOSIGNAL | MSG_DONTWAIT. */
export const quietly = 0x4040
export const error = {
  interrupted: 4,
  again: 11,
  tooManyOpen: 24,
  brokenPipe: 32,
  noAddress: 99,
  reset: 104,
  timedOut: 110,
  refused: 111,
  inProgress: 115,
  cancelled: 125,
} as const

/** Outside the moving heap: the system writes where it was told the bytes lie. */
export const pinned = (bytes: number): Buffer<ArrayBuffer> => Buffer.from(new ArrayBuffer(bytes))

/** @returns why not, as a clause */
export function openLibc(): Result<Libc, string> {
  const { platform, arch } = process
  if (platform !== 'linux' || (arch !== 'x64' && arch !== 'arm64')) return fail(`it is made for Linux on x64 and arm64`)
  const found = loadNativeLibrary(['libc.so.6', `libc.musl-${arch === 'x64' ? 'x86_64' : 'aarch64'}.so.1`])
  if (!found.ok) return fail(found.reason)
  const { library } = found
  const bound: Record<string, unknown> = {}
  for (const [name, prototype] of Object.entries(prototypes)) {
    bound[name] = library.bind(prototype)
    if (bound[name] === undefined) return fail(`${library.path} has no ${name}`)
  }
  const { errno, address } = library
  return ok({ ...bound, epoll_pwait2: library.bind(newer.epoll_pwait2), errno, address } as unknown as Libc)
}

/** `struct sockaddr_in` or `sockaddr_in6`. */
export function socketAddress(address: string, version: 4 | 6, port: number): Buffer {
  if (version === 4) {
    const bytes = pinned(16)
    bytes.writeUInt16LE(AF.inet, 0)
    bytes.writeUInt16BE(port, 2)
    address.split('.').forEach((part, i) => bytes.writeUInt8(Number(part), 4 + i))
    return bytes
  }
  const bytes = pinned(28)
  bytes.writeUInt16LE(AF.inet6, 0)
  bytes.writeUInt16BE(port, 2)
  groupsOf(address).forEach((group, i) => bytes.writeUInt16BE(group, 8 + 2 * i))
  return bytes
}

/** The eight groups of an IPv6 address; its zone is not kept. */
function groupsOf(address: string): readonly number[] {
  const [text = ''] = address.split('%')
  // An IPv4 address in the last two.
  const plain = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...parts: string[]) => {
    const [a, b, c, d] = parts.map(Number) as [number, number, number, number]
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
  })
  const [head = '', tail] = plain.split('::')
  const parse = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  if (tail === undefined) return parse(head)
  const [left, right] = [parse(head), parse(tail)]
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right]
}
