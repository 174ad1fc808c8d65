/** The pallet: who hosts what for whom, paid and proven; pure rules without I/O, clock or threads. */
@NullMarked
package org.datdot.ledger;

import org.jspecify.annotations.NullMarked;
