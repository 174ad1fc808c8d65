package org.datdot.ledger;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** How a record's component is written where that differs from the rule of its type ({@link Codec#of}). */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Scale {
    /** For a {@code long} or {@code int}: its width in bits, 8, 16, 32, 64 or 128, in place of the rule. */
    int bits() default 0;

    /** The field's name in metadata where Java cannot have it. */
    String name() default "";

    /** Whether the field goes by its place, without a name in metadata. */
    boolean unnamed() default false;
}
