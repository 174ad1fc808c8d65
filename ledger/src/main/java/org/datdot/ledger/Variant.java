package org.datdot.ledger;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Gives a record its number among the possibilities of its sealed interface. The number is part of the format and never given to another record. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Variant {
    /** The byte that stands for it. */
    int value();

    /** Its name in metadata where that is not the record's: calls are named in snake case, everything else as it is. */
    String name() default "";

    /** Calls and events only: the pallet it belongs to, whose number goes in front. */
    PalletId pallet() default PalletId.DATDOT;
}
