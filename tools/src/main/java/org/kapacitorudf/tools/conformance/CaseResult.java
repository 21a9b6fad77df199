package org.kapacitorudf.tools.conformance;

import java.time.Duration;

/**
 * What came out of one case.
 *
 * @param tried the case
 * @param detail why it failed, or does not apply; what there is to say of one that passed, or nothing
 * @param took from its start to its end
 */
public record CaseResult(Case tried, Verdict verdict, String detail, Duration took) {}
