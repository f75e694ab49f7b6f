// What the system says when it will not write, as the error users see.
import { TailwattError } from '../base/errors.ts'

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'there is no such folder',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'a file of that name is in the way',
  EISDIR: 'a folder of that name is in the way',
  EFBIG: 'the file would become too large',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
  EIO: 'the disk reports an error',
  EBUSY: 'it is in use',
  ELOOP: 'a link of that name is in the way',
}

/**
 * Runs `write` and turns the system's refusal into an error with its reason in words.
 * @throws TailwattError `cannot-store` with `path` and `message`; anything that is no system error as it is.
 */
export function guarded<T>(path: string, write: () => T): T {
  try {
    return write()
  } catch (error) {
    if (error instanceof TailwattError) throw error
    const { code, syscall } = error as NodeJS.ErrnoException
    if (code === undefined || syscall === undefined) throw error
    throw new TailwattError('cannot-store', { path, message: reasons[code] ?? code }, { cause: error })
  }
}

/** Why `write` could not store; `undefined` when it did. Any other error is thrown. */
export async function refusal(write: () => void | Promise<void>): Promise<TailwattError | undefined> {
  try {
    await write()
    return undefined
  } catch (error) {
    if (error instanceof TailwattError && error.code === 'cannot-store') return error
    throw error
  }
}
