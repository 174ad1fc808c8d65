@NullMarked
package org.datdot.udx;

import org.jspecify.annotations.NullMarked;
