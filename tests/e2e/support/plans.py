"""Plans that nodes run: short ones, endless ones, and real JMeters that misbehave."""

from support import jmx


def endless(label="work", sleep_ms=20, first=()):
    """Runs until it is stopped; `first` once a user before that."""
    return jmx.plan(jmx.threads(jmx.once(*first) if first else "", jmx.java(label, sleep_ms=sleep_ms), loops=-1))


def counted(loops, label="work", sleep_ms=5):
    """So many samples a user, then its own end."""
    return jmx.plan(jmx.threads(jmx.java(label, sleep_ms=sleep_ms), loops=loops))


def misbehaving(script):
    """Does what the script says once, in the first user, and then works on."""
    return endless(first=[jmx.groovy("misbehave", f'if (ctx.threadNum == 0) {{\n{script}\n}}')])


# Neither the interruption of its thread nor SIGTERM ends this one.
DEAF = """
Runtime.runtime.addShutdownHook(new Thread({ while (true) { try { Thread.sleep(60000) } catch (e) { } } }))
new File('deaf').text = 'yes'
while (true) { try { Thread.sleep(60000) } catch (InterruptedException e) { } }
"""
# Children that ignore SIGTERM, one of them with children of its own.
FORKING = """
['sh', '-c', "trap '' TERM HUP INT; sleep 901 & sleep 902 & while true; do sleep 903; done"].execute()
"""
# Out of the process group, out of the session, without a parent: nothing but the cgroup or the subreaper knows them.
DAEMONS = """
['sh', '-c', "(setsid sh -c \\"trap '' TERM; (setsid sleep 904 &) ; exec sleep 905\\" &)"].execute()
"""
# More than any pipe or log holds; says so when it is done.
TALKATIVE = """
def line = 'x' * 1023
200.times { 1024.times { System.out.println(line) } }
new File('said-it-all').text = 'yes'
"""
# Takes all the room there is.
GREEDY = """
def out = new File('filler').newOutputStream()
try { while (true) { out.write(new byte[65536]) } } catch (IOException e) { }
"""
