package io.gridnode.jmeter;

import org.apache.jmeter.control.TransactionSampler;
import org.apache.jmeter.samplers.SampleResult;
import org.apache.jmeter.samplers.Sampler;
import org.apache.jmeter.threads.JMeterContext;
import org.apache.jmeter.threads.JMeterContextService;

/**
 * Transactions in "generate parent sample" mode that JMeter announces before they are done: because their thread ends (its duration
 * is over, a shutdown), or because an action goes on with another iteration of a loop within them.
 *
 * <p>JMeter marks a transaction by its response message, and sets that when it is done. Taken for requests, these would be
 * requests that nobody made.
 */
final class CutShort {
    private CutShort() {}

    /** Whether a result that JMeter's thread announces is such a transaction, and not what its sampler has just returned. */
    static boolean isTransaction(SampleResult result) {
        // JMeter makes them of just this class; those of HTTP have another and need no further look.
        if (result.getClass() != SampleResult.class) {
            return false;
        }
        // Listeners of the plan come before us and may have changed its message: what JMeter is in is no matter of that.
        if (isTransactionWithin(result)) {
            return true;
        }
        JMeterContext context = JMeterContextService.getContext();
        if (context.getCurrentSampler() == null || context.getPreviousResult() == result) {
            return false;
        }
        // It has its last request's code, and no end before the first: a thread may end in the pause before that.
        return result.getSubResults().length > 0 || isEmpty(result.getResponseCode()) && result.getEndTime() == 0;
    }

    /** The same of a child: where a thread ends in the middle of transactions in transactions, JMeter is still in the outer ones. */
    static boolean isTransactionWithin(SampleResult child) {
        Sampler at = JMeterContextService.getContext().getCurrentSampler();
        while (at instanceof TransactionSampler) {
            TransactionSampler transaction = (TransactionSampler) at;
            if (transaction.getTransactionResult() == child) {
                return true;
            }
            at = transaction.getSubSampler();
        }
        return false;
    }

    private static boolean isEmpty(String text) {
        return text == null || text.isEmpty();
    }
}
