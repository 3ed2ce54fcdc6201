/**
 * What the plain wire needs to know of a text before it is parsed.
 *
 * @module
 */

const END = /^[ \t\r\n]*null[ \t\r\n]*$/;

/** Whether a frame is the `null` by which the caller ends its side (contract §6; white space is JSON's). */
export function isEnd(frame: string): boolean {
  // Most frames are objects, and `{` has a higher code than `n` and the white spaces.
  return frame.charCodeAt(0) <= 110 && END.test(frame);
}

/** Whether a text is longer than `bytes` in UTF-8. Only looks closer where its length leaves a doubt. */
export function exceeds(text: string, bytes: number): boolean {
  if (text.length * 3 <= bytes) return false;
  if (text.length > bytes) return true;
  let size = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // A surrogate pair is 4 bytes for 2 units, any other unit from U+0800 on is 3.
    if (unit >= 0x80) size += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return size > bytes;
}
