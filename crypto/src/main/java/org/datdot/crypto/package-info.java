/** The primitives the Hypercore family stands on: BLAKE2b, Ed25519, secretstream, Noise ciphers; one type per kind of 32 bytes. */
@NullMarked
package org.datdot.crypto;

import org.jspecify.annotations.NullMarked;
