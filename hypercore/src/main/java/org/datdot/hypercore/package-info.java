/** The signed append-only log: Merkle tree, manifest, storage, replication, corestore. */
@NullMarked
package org.datdot.hypercore;

import org.jspecify.annotations.NullMarked;
