/*
 * The shares of one limit. A bank leases them to two gateways, which spend from what
 * they have without asking; gateways die, return, and are taken for dead although
 * they only paused. README.md beside says what is checked and how.
 *
 * A BUG_ macro breaks one rule, and spin must then find how that overspends.
 */

#define R     2 /* gateways */
#define N     2 /* requests */
#define LIMIT 3
#ifndef DEATHS
#define DEATHS 1
#endif

/* The bank and the ledger: durable, and seen by all. */
short share[R];
byte lease[R]; /* which lease of a gateway is the running one; others have ended */
mtype = { nothing, intent, entry };
typedef Record { mtype is = nothing; bit gateway; short amount }
Record ledger[N];

/* A gateway's memory. */
bool up[R] = true;
byte mine[R]; /* the lease that it believes to have */
short room[R], spent[R], held[R];
bool asking[R];

/* The world. */
byte deaths, life[R], next, alive;
short used; /* what really left */

#define fits(g, n) (spent[g] + held[g] + n <= room[g])

/* A gateway looks at the clock before it spends: a lease that has ended is none. With
 * NO_CLOCK it does not, and must still not overspend. */
#ifdef NO_CLOCK
#define leased(g) up[g]
#else
#define leased(g) (up[g] && mine[g] == lease[g])
#endif

/* What the ledger says that a gateway has spent, what is open at its hold. */
inline owed(g, sum) {
	sum = 0;
	for (i : 0 .. N-1) {
		if
#ifdef BUG_FORGET_INTENTS
		:: ledger[i].is == entry && ledger[i].gateway == g -> sum = sum + ledger[i].amount
#else
		:: ledger[i].is != nothing && ledger[i].gateway == g -> sum = sum + ledger[i].amount
#endif
		:: else
		fi
	}
	i = 0
}

inline leave() { alive--; need = 0; charge = 0; under = 0; born = 0 }

proctype Request(byte id) {
	short need, charge;
	bit g;
	byte under, born; /* the lease and the life of its gateway that it began in */

	atomic {
		next == id -> next++; alive++; need = 2;
		if
		:: g = 0
		:: id > 0 -> g = 1
		fi
	}
	{
		/* Admission: when there is no room it waits for a share, or is refused. */
		atomic {
			if
			:: leased(g) && fits(g, need) -> held[g] = held[g] + need; born = life[g]; under = mine[g]
			:: goto done
			fi
		}
		/* Between admission and intent the lease may end. So the intent is written
		 * only under the lease that still runs, in one step with looking. */
		atomic {
			if
#ifndef BUG_UNFENCED
			:: lease[g] != under -> goto settlement
			:: lease[g] == under ->
#else
			:: true ->
#endif
				ledger[id].is = intent;
				ledger[id].gateway = g;
				ledger[id].amount = need
			fi
		}
		atomic {
			if
			:: charge = 0
			:: charge = 1
			:: charge = need
			fi;
			used = used + charge
		}
		ledger[id].is == intent;
		d_step { ledger[id].is = entry; ledger[id].amount = charge }
settlement:	atomic {
			if
			:: mine[g] == under -> held[g] = held[g] - need; spent[g] = spent[g] + charge
			:: else /* the counts are those of another lease, made from the ledger */
			fi
		}
done:		atomic { leave() }
	} unless { d_step { under > 0 && life[g] != born -> leave() } }
}

/* The bank grants what is free, in one step with looking; the reply takes a while. */
proctype Grow(bit g) {
	byte under;
	short reply, free;
end:	do
	:: d_step {
			leased(g) && !asking[g] && share[0] + share[1] < LIMIT ->
			under = mine[g];
#ifndef BUG_OVERTAKING
			asking[g] = true
#endif
		};
#ifdef BUG_GRANT_UNLOCKED
		free = LIMIT - share[0] - share[1];
#endif
		atomic {
#ifndef BUG_GRANT_UNLOCKED
			free = LIMIT - share[0] - share[1];
#endif
			if
			:: lease[g] == under && free > 0 -> share[g] = share[g] + 1
			:: lease[g] == under && free > 1 -> share[g] = share[g] + free
			:: else
			fi;
			reply = share[g]; free = 0
		};
		d_step {
			if
			:: up[g] && mine[g] == under -> room[g] = reply; asking[g] = false
			:: else
			fi;
			under = 0; reply = 0
		}
	od
}

/* Giving back: first the gateway does without, then the bank knows. */
proctype Shrink(bit g) {
	byte under;
	short reply;
end:	do
	:: d_step {
			leased(g) && !asking[g] && fits(g, 1) ->
			under = mine[g];
#ifndef BUG_GIVE_BACK_LATE
			room[g] = room[g] - 1;
#endif
#ifndef BUG_OVERTAKING
			asking[g] = true
#endif
		};
		d_step {
			if
			:: lease[g] == under -> share[g] = share[g] - 1
			:: else
			fi;
			reply = share[g]
		};
		d_step {
			if
			:: up[g] && mine[g] == under -> room[g] = reply; asking[g] = false
			:: else
			fi;
			under = 0; reply = 0
		}
	od
}

/* A lease ends, if its gateway is gone or only paused: its share shrinks to what the
 * ledger says. A gateway that comes has another lease, and counts from the ledger. */
proctype Fate(bit g) {
	byte i;
	short sum;
end:	do
	:: atomic { deaths < DEATHS && up[g] && alive > 0 -> deaths++;
		if
		:: up[g] = false; life[g]++; mine[g] = 0; room[g] = 0; spent[g] = 0; held[g] = 0; asking[g] = false
		:: skip /* a pause, or no network */
		fi };
		if
		:: d_step { lease[g]++; owed(g, sum); share[g] = sum; sum = 0 }
		:: skip /* it is back before its lease ends */
		fi;
		d_step {
			lease[g]++;
			mine[g] = lease[g];
			owed(g, sum);
			room[g] = share[g];
#ifdef BUG_START_EMPTY
			spent[g] = 0;
#else
			spent[g] = sum;
#endif
			sum = 0; held[g] = 0; asking[g] = false; up[g] = true
		}
	od
}

#define REALLY (used <= LIMIT)
#define SHARED (share[0] >= 0 && share[1] >= 0 && share[0] + share[1] <= LIMIT)
#define KEPT(g) (mine[g] != lease[g] || held[g] >= 0 && spent[g] + held[g] <= room[g] && room[g] <= share[g])

/* In every state: it wakes up only in one that must not be. Its variables are false,
 * and names for spin to print. */
proctype Auditor() {
	bool used_within_limit, shares_within_limit, spends_from_its_share;
end:	atomic {
		if
		:: !REALLY -> assert(used_within_limit)
		:: !SHARED -> assert(shares_within_limit)
		:: !(KEPT(0) && KEPT(1)) -> assert(spends_from_its_share)
		fi
	}
}

/* When all is done, nothing is held. */
proctype End() {
	alive == 0 && next == N && up[0] && up[1];
	assert(held[0] == 0 && held[1] == 0)
}

init {
	byte i;
	atomic {
		run Auditor();
		for (i : 0 .. R-1) { lease[i] = 1; mine[i] = 1; run Grow(i); run Shrink(i); run Fate(i) }
		for (i : 0 .. N-1) { run Request(i) }
		run End()
	}
}
