/** Another chain than DatDot's own, which sees of the pallet only what is public. */
@NullMarked
package org.datdot.ledger.example;

import org.jspecify.annotations.NullMarked;
