/**
 * The Huffman code of header fields (RFC 7541 §5.2 and appendix B). Only read: plain octets are as legal, and quicker.
 *
 * @module
 */
import { HpackError } from "./hpack_error.ts";
import { latin1 } from "./latin1.ts";

/**
 * How many bits each octet takes, and EOS after them, as digits of base 36. That is the whole of appendix B: codes of
 * one length follow each other in the order of their octets, and the shorter ones come first.
 */
const LENGTHS = "" +
  "dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6ca" +
  "d67777777777777777777777878djde6f56565666577666567655677777fbeds" +
  "kmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmn" +
  "qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrq" +
  "u";

const EOS = 256;

/** Where EOS leads, and what follows it: nothing leads out of it. The states before it are the 256 inner nodes. */
const DEAD = 256;

/** Four bits a step: 257 states of 16 steps fit the first-level cache, those of eight bits do not. */
interface Machine {
  /** Per state and four bits: the next state times 16, the octet that is complete above 16 bits, 1 above 24 if one is. */
  readonly steps: Uint32Array;
  /** Whether a string may end in a state: after no bits, or up to seven that are the beginning of EOS. */
  readonly ends: Uint8Array;
}

// Made by the first string that is coded: clients of plain peers never need it.
let machine: Machine | undefined;

// Most strings fit, and none is read while another one is.
const scratch = new Uint8Array(1024);

/**
 * The string that the octets from `at` up to `end` stand for.
 *
 * @throws {HpackError} If it has EOS within, or ends in other bits than up to seven ones
 */
export function huffmanDecode(bytes: Uint8Array, at: number, end: number): string {
  const { steps, ends } = machine ??= build();
  // The shortest code has five bits.
  const most = Math.floor((end - at) * 8 / 5);
  const out = most <= scratch.length ? scratch : new Uint8Array(most);
  let length = 0;
  let state = 0;
  for (; at < end; at++) {
    const octet = bytes[at]!;
    const high = steps[state + (octet >> 4)]!;
    // Written whether it is complete or not: it only counts if it is. (Past the end it is dropped.)
    out[length] = high >> 16;
    length += high >> 24;
    const low = steps[(high & 0xffff) + (octet & 15)]!;
    out[length] = low >> 16;
    length += low >> 24;
    state = low & 0xffff;
  }
  if (ends[state >> 4] === 0) {
    throw new HpackError(
      state >> 4 === DEAD
        ? "Cannot decode a Huffman string: EOS within it"
        : "Cannot decode a Huffman string: it ends within a code",
    );
  }
  return latin1(out, 0, length);
}

function build(): Machine {
  const tree = codeTree();
  const steps = new Uint32Array((DEAD + 1) * 16);
  for (let state = 0; state < DEAD; state++) {
    for (let bits = 0; bits < 16; bits++) {
      let node = state;
      let complete = 0;
      for (let bit = 3; bit >= 0 && node !== DEAD; bit--) {
        const next = tree[node * 2 + (bits >> bit & 1)]!;
        if (next >= 0) {
          node = next;
        } else if (~next === EOS) {
          node = DEAD;
        } else {
          complete = 1 << 24 | ~next << 16;
          node = 0;
        }
      }
      steps[state * 16 + bits] = complete | node * 16;
    }
  }
  steps.fill(DEAD * 16, DEAD * 16);
  const ends = new Uint8Array(DEAD + 1);
  for (let bits = 0, node = 0; bits <= 7; bits++, node = tree[node * 2 + 1]!) ends[node] = 1;
  return { steps, ends };
}

/** Two numbers per inner node, for the bits 0 and 1: another inner node, or the complement of what is complete. */
function codeTree(): Int16Array {
  const tree = new Int16Array(DEAD * 2);
  let nodes = 1;
  let code = 0;
  for (let length = 5; length <= 30; length++, code *= 2) {
    for (let symbol = 0; symbol <= EOS; symbol++) {
      if (parseInt(LENGTHS[symbol]!, 36) !== length) continue;
      let at = 0;
      for (let bit = length - 1; bit > 0; bit--) {
        const branch = at * 2 + (code >> bit & 1);
        // Nothing leads back to the root: 0 is a branch that is not there yet.
        at = tree[branch] ||= nodes++;
      }
      tree[at * 2 + (code & 1)] = ~symbol;
      code++;
    }
  }
  return tree;
}
