package org.kapacitorudf.contract;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Runs only the cases of a contract with the tag {@link AgentContract#PROCESS}, because each costs the start of a JVM.
 * {@code -Dudf.full=true} runs all.
 */
final class ProcessCases implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        boolean isOfAContract = context.getTestMethod()
                .map(method -> method.getDeclaringClass().isInterface())
                .orElse(false);
        return AgentContract.FULL || !isOfAContract || context.getTags().contains(AgentContract.PROCESS)
                ? ConditionEvaluationResult.enabled("")
                : ConditionEvaluationResult.disabled("PipeAgentTest has it; with -Dudf.full=true here too");
    }
}
