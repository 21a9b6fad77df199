/** What all detectors share: the judgement of a value, and the policy that makes an alert of it. No type of Kapacitor. */
package org.kapacitorudf.functions.detect;
