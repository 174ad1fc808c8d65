/** Blocks, extrinsics, persisted state, the embedded engine, and JSON-RPC to them. */
@NullMarked
package org.datdot.chain;

import org.jspecify.annotations.NullMarked;
