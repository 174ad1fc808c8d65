package org.datdot.ledger;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The name of a type in metadata, for those that readers know by a name of Substrate's. Others are {@code datdot::} and their Java name. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface TypePath {
    /** Parts with {@code ::} between them. */
    String value();

    /** Components whose types, or of lists the items' types, readers look for among the type's parameters, in this order. */
    String[] parameters() default {};
}
