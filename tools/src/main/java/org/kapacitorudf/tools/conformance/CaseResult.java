package org.kapacitorudf.tools.conformance;

import java.time.Duration;

/**
 * The result of one case.
 *
 * @param tried the case
 * @param detail why it failed, or does not apply; remarks about a passed case, or nothing
 * @param took its duration
 */
public record CaseResult(Case tried, Verdict verdict, String detail, Duration took) {}
