package org.kapacitorudf.contract;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Runs only the cases of a contract without the tag {@link AgentContract#PROCESS}, because the others run with a
 * process. {@code -Dudf.full=true} runs all.
 */
final class PipeCases implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return AgentContract.FULL || !context.getTags().contains(AgentContract.PROCESS)
                ? ConditionEvaluationResult.enabled("")
                : ConditionEvaluationResult.disabled("ProcessAgentTest has it; with -Dudf.full=true here too");
    }
}
