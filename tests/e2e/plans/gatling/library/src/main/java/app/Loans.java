package app;

import org.springframework.web.bind.annotation.RestController;

/** The rest of the application, whose libraries are not here. */
@RestController
public class Loans {
}
