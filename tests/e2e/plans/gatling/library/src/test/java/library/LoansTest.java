package library;

import org.junit.jupiter.api.Test;

class LoansTest {
    @Test
    void aLoanEnds() {
    }
}
