// What plans written for Flood import: `import flood._`, and `httpConfigFlood` to begin their protocol with. Compiled with the
// plan, because its compiler is the one that knows the Gatling it will run in.

import io.gatling.core.Predef._
import io.gatling.http.Predef._
import io.gatling.http.protocol.HttpProtocolBuilder

/** The platform's own object. */
package object flood {

  /** An HTTP protocol to go on from. Measuring is the node's affair and needs nothing of it. */
  def httpConfigFlood: HttpProtocolBuilder = http
}
