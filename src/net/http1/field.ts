// What may stand in the head of a request (RFC 9110 §5).

/** A method, or the name of a header. */
export const token: RegExp = /^[!#$%&'*+.^_`|~\w-]+$/
/** Visible characters of one byte, blanks and tabs (§5.5). */
export const fieldValue: RegExp = /^[\t\x20-\x7e\x80-\xff]*$/
