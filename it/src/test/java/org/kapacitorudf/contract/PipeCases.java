package org.kapacitorudf.contract;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Of the cases of a contract, those without the tag {@link AgentContract#PROCESS} are run: the others run with a process. All run with {@code -Dudf.full=true}. */
final class PipeCases implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return AgentContract.FULL || !context.getTags().contains(AgentContract.PROCESS)
                ? ConditionEvaluationResult.enabled("")
                : ConditionEvaluationResult.disabled("ProcessAgentTest has it; with -Dudf.full=true here too");
    }
}
