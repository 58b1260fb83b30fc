/*
 * The life of a hold in one gateway: admission, failover, answer, settlement, and
 * the death of the process at any moment between. README.md beside says what is
 * checked and how; scripts/model-check runs it.
 *
 * Three requests of a need of one or two tokens meet
 *   A, a limit of the calendar, whose window ends at some time,
 *   B, a limit without end, and
 *   D, a limit of each of two deployments.
 * Each is too small for all of them. A BUG_ macro breaks one rule, and spin must then
 * find how that overspends, miscounts or blocks.
 *
 * One step is what nobody can see in the middle of: what is done under a lock, or by
 * one write. A crash in the middle of a step is as one before it.
 */

#define N  3 /* requests */
#define LA 4 /* what the limits allow */
#define LB 4
#define LD 3
#ifndef CRASHES
#define CRASHES 1
#endif

typedef Account { short spent; short held }

/* What dies with the process. */
Account A[2]; /* by window */
Account B;
Account D[2]; /* by deployment */
bool lockA, lockB; /* those of D are never held beyond a step */

/* What is on disk: for each request nothing, an intent at its need, or an entry. */
mtype = { nothing, intent, entry };
typedef Record { mtype is = nothing; bit window; bit deployment; short amount }
Record ledger[N];

/* The world. */
bool up = true;
byte crashes;
bit window;  /* of the calendar */
byte alive;  /* requests on their way */
byte next;   /* requests are alike: let them begin in their order */

/* What really happened; the gateway cannot read these. */
bool holding[N]; /* a hold is open */
short used[N], usedA[2], usedB, usedD[2];

#define fits(a, limit, n) (a.spent + a.held + n <= limit)

inline hold(a, n) { a.held = a.held + n }
inline settle(a, n, u) { a.held = a.held - n; a.spent = a.spent + u }

/* Admission holds on A and B, or on neither. Accounts are locked in their order. */
inline look() {
	began = window;
	admitted = fits(A[began], LA, need) && fits(B, LB, need)
}

inline take() {
	if
	:: admitted -> hold(A[began], need); hold(B, need); holding[id] = true
#ifdef BUG_HALF_HOLD
	:: !admitted && fits(A[began], LA, need) -> hold(A[began], need)
#endif
	:: else
	fi
}

inline admit() {
#ifdef BUG_NO_LOCK
	d_step { look() };
	d_step { take() }
#else
#ifdef BUG_LOCK_ORDER
	if
	:: id == 1 -> d_step { !lockB -> lockB = true }
	:: else
	fi;
#endif
	d_step { !lockA -> lockA = true };
#ifdef BUG_LOCK_ORDER
	if
	:: id != 1 -> d_step { !lockB -> lockB = true }
	:: else
	fi;
#else
	d_step { !lockB -> lockB = true };
#endif
	d_step { look(); take(); lockA = false; lockB = false }
#endif
}

/* To go to a deployment, a request holds on its account too. */
inline goTo(d) {
	if
	:: fits(D[d], LD, need) -> hold(D[d], need); there = true
#ifdef BUG_MOVE_UNASKED
	:: !fits(D[d], LD, need) && moved -> hold(D[d], need); there = true
#endif
	:: else
	fi
}

/* The intent says what is owed if nobody says more. It is durable before anything
 * leaves, and says with whom: a request that moved writes another. */
inline intend() {
	d_step {
		if
#ifdef BUG_STALE_INTENT
		:: ledger[id].is == intent
#endif
		:: else ->
			ledger[id].is = intent;
			ledger[id].window = began;
			ledger[id].deployment = deployment;
			ledger[id].amount = need
		fi;
		giveBackOld()
	}
}

/* With DISK_FIRST a request that moved holds on both deployments until the disk knows. */
inline giveBackOld() {
	if
	:: kept -> settle(D[1 - deployment], need, 0); kept = false
	:: else
	fi
}

/* An entry closes an intent; a request that wrote none has used nothing. */
inline record() {
	if
	:: ledger[id].is == intent ->
		ledger[id].is = entry;
		ledger[id].deployment = deployment;
		ledger[id].amount = charge
	:: else
	fi
}

/* What leaves, and costs: anything up to the need. */
inline use(n) {
	used[id] = n;
	usedA[began] = usedA[began] + n;
	usedB = usedB + n;
	usedD[deployment] = usedD[deployment] + n
}

/* Settlement goes to where the hold was taken from, one account after the other. */
inline settleAll() {
	d_step {
		!lockA ->
		assert(holding[id]); /* nobody has settled it before */
		holding[id] = false;
#ifdef BUG_NEW_WINDOW
		settle(A[window], need, charge)
#else
		settle(A[began], need, charge)
#endif
	};
	d_step { !lockB -> settle(B, need, charge) };
	atomic {
		if
		:: there -> settle(D[deployment], need, charge); there = false
		:: else
		fi;
		giveBackOld();
		settled = true
	}
}

/* What is given back before the disk knows can be had by others sooner. */
inline finish() {
#ifdef DISK_FIRST
	d_step { record() };
	settleAll()
#else
	settleAll();
	d_step { record() }
#endif
}

/* What failed before its first byte may go to the other deployment. */
inline move() {
	d_step {
		deployment = 1 - deployment;
		moved = true;
		if
#ifdef DISK_FIRST
		:: there -> there = false; kept = true
#else
		:: there -> there = false; settle(D[1 - deployment], need, 0)
#endif
		:: else
		fi
	}
}

inline leave() { /* and forget all, so that fewer states differ */
	alive--;
	need = 0; charge = 0; began = 0; deployment = 0;
	moved = false; kept = false; admitted = false; there = false; settled = false
}

proctype Request(byte id) {
	short need, charge;
	bit began, deployment;
	bool moved, kept, admitted, there, settled;

	atomic {
		up && next == id -> next++; alive++; need = (id < 2 -> 2 : 1)
	}
	{
		admit();
		atomic {
			if
			:: !admitted -> goto done
			:: admitted -> deployment = 0
			:: admitted && id > 0 -> deployment = 1 /* they are alike, too */
			fi;
attempt:		goTo(deployment);
			if
			:: there
			:: !there && !moved -> move(); goto attempt
			:: !there && moved -> moved = false; goto settlement /* no room anywhere */
			fi
		}
#ifndef BUG_LATE_INTENT
		intend();
#endif
		atomic {
			if
			:: charge = 1
			:: need > 1 -> charge = need
			:: !moved -> move(); goto attempt /* it failed before its first byte */
			:: moved = false; goto settlement /* it refused: nothing is used */
			:: moved = false; goto done /* a panic */
			fi;
			use(charge);
			moved = false; /* of no matter any more */
			if
			:: true /* it ended, or was cut: what was used is known */
#ifdef BUG_PANIC_IS_FREE
			:: charge = 0
#else
			:: charge < need -> charge = need /* a panic: it is not */
#endif
			fi
		}
#ifdef BUG_LATE_INTENT
		intend();
#endif
settlement:	finish();
		/* The deferred release, on every path: only after a panic it does anything.
		 * What can come between its steps has been looked at above. */
done:		atomic {
			if
#ifdef BUG_DOUBLE_SETTLE
			:: admitted -> charge = 0; finish()
#else
			:: admitted && !settled -> charge = 0; finish()
#endif
			:: else
			fi;
			leave()
		}
	} unless { d_step { !up -> leave() } }
}

/* At the start, counters are what the ledger says. What an earlier life left open is
 * settled at its hold. */
inline restart() {
	d_step {
		for (i : 0 .. N-1) {
			holding[i] = false;
			if
			:: ledger[i].is != nothing ->
#ifdef BUG_FORGET_INTENTS
				if
				:: ledger[i].is == intent -> ledger[i].amount = 0
				:: else
				fi;
#endif
				ledger[i].is = entry;
				A[ledger[i].window].spent = A[ledger[i].window].spent + ledger[i].amount;
				B.spent = B.spent + ledger[i].amount;
				D[ledger[i].deployment].spent = D[ledger[i].deployment].spent + ledger[i].amount
			:: else
			fi
		}
		i = 0;
		up = true
	}
}

inline clear(a) { a.spent = 0; a.held = 0 }

inline crash() {
	d_step {
		up = false;
		crashes++;
		clear(A[0]); clear(A[1]); clear(B); clear(D[0]); clear(D[1]);
		lockA = false;
		lockB = false
	}
}

proctype Fate() {
	byte i;
end:	do
	:: crashes < CRASHES && (alive > 0 || next < N) -> crash(); alive == 0; restart()
	od
}

proctype Calendar() { window = 1 }

/* When all is done, nothing is held, and the counters are the ledger's sums. */
proctype End() {
	byte i;
	short a[2], b, d[2];
	bool nothing_held, books_as_ledger;
	timeout;
	d_step {
		for (i : 0 .. N-1) {
			assert(ledger[i].is != intent);
			assert(!holding[i]);
			a[ledger[i].window] = a[ledger[i].window] + ledger[i].amount;
			b = b + ledger[i].amount;
			d[ledger[i].deployment] = d[ledger[i].deployment] + ledger[i].amount
		}
		nothing_held = A[0].held == 0 && A[1].held == 0 && B.held == 0 && D[0].held == 0 && D[1].held == 0;
		assert(nothing_held);
		books_as_ledger = A[0].spent == a[0] && A[1].spent == a[1] && B.spent == b && D[0].spent == d[0] && D[1].spent == d[1];
		assert(books_as_ledger)
	}
}

/* Who gives back before the disk knows can find more in the ledger after a crash than
 * the limit allows, as holds that were given back count again. Then nobody gets any. */
#if defined(DISK_FIRST) || defined(STRICT)
#define over(a) false
#else
#define over(a) (crashes > 0 && a.held == 0)
#endif
#define within(a, limit) (a.spent >= 0 && a.held >= 0 && (a.spent + a.held <= limit || over(a)))

#define BOOKS  (within(A[0], LA) && within(A[1], LA) && within(B, LB) && within(D[0], LD) && within(D[1], LD))
#define REALLY (usedA[0] <= LA && usedA[1] <= LA && usedB <= LB && usedD[0] <= LD && usedD[1] <= LD)
#define OWED   (used[0] <= ledger[0].amount && used[1] <= ledger[1].amount && used[2] <= ledger[2].amount)

/* In every state: it wakes up only in one that must not be. Its variables are false,
 * and names for spin to print. */
proctype Auditor() {
	bool used_within_limits, disk_knows_what_was_used, books_within_limits;
end:	atomic {
		if
		:: !REALLY -> assert(used_within_limits)
		:: !OWED -> assert(disk_knows_what_was_used)
		:: !BOOKS -> assert(books_within_limits)
		fi
	}
}

init {
	byte i;
	atomic {
		run Auditor();
		for (i : 0 .. N-1) { run Request(i) }
		run Fate(); run Calendar(); run End()
	}
}
