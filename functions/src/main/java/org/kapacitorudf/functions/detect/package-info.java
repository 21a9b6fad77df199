/** What all detectors share: their options, the judgement of a value, and the policy for alerts. */
@NullMarked
package org.kapacitorudf.functions.detect;

import org.jspecify.annotations.NullMarked;
