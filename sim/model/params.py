"""Every number the rules use, in one flat record.

The annotations of `Params` are the table: a number of the configuration names the group that feeds it (its unit, range
and source stand there, in conf/), an array has its shape. `sim.model.derived` builds the record from a configuration.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_type_hints

from sim.model.state import ITEMS, N_CHANNELS, N_ITEMS, N_NODES, N_OPTIONS, N_SEATS

if TYPE_CHECKING:
    import numpy as np

N_PACKAGES = 1 << len(ITEMS)


class Params:
    """The numbers of one scenario: floats, and lists for the arrays."""

    # clock
    dt: Annotated[float, "clock"]
    horizon_h: Annotated[float, "clock"]
    weeks: Annotated[float, "clock"]
    t_start: Annotated[float, "clock"]
    t_speech: Annotated[float, "clock"]
    t_hq: Annotated[float, "clock"]
    t_flee: Annotated[float, "clock"]
    w_flee: Annotated[float, "clock"]
    p_regroup: Annotated[float, "clock"]
    t_offer: Annotated[float, "clock"]
    # route
    D0: Annotated[float, "route"]
    D_line: Annotated[float, "route"]
    # forces
    v: Annotated[float, "forces"]
    pace_talks: Annotated[float, "forces"]
    R0: Annotated[float, "forces"]
    e_R: Annotated[float, "forces"]
    L_max: Annotated[float, "forces"]
    t_L0: Annotated[float, "forces"]
    t_L1: Annotated[float, "forces"]
    K: Annotated[float, "forces"]
    mu_def: Annotated[float, "forces"]
    m_csf: Annotated[float, "forces"]
    beta: Annotated[float, "forces"]
    bp: Annotated[float, "forces"]
    sd_b: Annotated[float, "forces"]
    p_strike: Annotated[float, "forces"]
    r_strike: Annotated[float, "forces"]
    cas_fight: Annotated[float, "forces"]
    lag_fight: Annotated[float, "forces"]
    gain_def: Annotated[float, "forces"]
    airmen_sortie: Annotated[float, "forces"]
    aircraft_sortie: Annotated[float, "forces"]
    rebels_sortie: Annotated[float, "forces"]
    lag_sortie: Annotated[float, "forces"]
    dead_share: Annotated[float, "forces"]
    n_join: Annotated[float, "forces"]
    gain_brigade: Annotated[float, "forces"]
    n_block: Annotated[float, "forces"]
    cas_block: Annotated[float, "forces"]
    lag_block: Annotated[float, "forces"]
    n_first: Annotated[float, "forces"]
    cas_first: Annotated[float, "forces"]
    # belief
    pi0: Annotated[float, "belief"]
    w_node: Annotated[float, "belief"]
    w_pass: Annotated[float, "belief"]
    w_fight: Annotated[float, "belief"]
    w_def: Annotated[float, "belief"]
    w_speech: Annotated[float, "belief"]
    w_loy: Annotated[float, "belief"]
    w_edef: Annotated[float, "belief"]
    w_break: Annotated[float, "belief"]
    w_con: Annotated[float, "belief"]
    w_stall: Annotated[float, "belief"]
    w_call: Annotated[float, "belief"]
    sd_read: Annotated[float, "belief"]
    # units
    loy_mu: Annotated[float, "units"]
    loy_sd: Annotated[float, "units"]
    rho_u: Annotated[float, "units"]
    cf_route: Annotated[float, "units"]
    cf_line: Annotated[float, "units"]
    gap_line: Annotated[float, "units"]
    gap_start: Annotated[float, "units"]
    c_d: Annotated[float, "units"]
    lam_u: Annotated[float, "units"]
    sd_pi: Annotated[float, "units"]
    chi: Annotated[float, "units"]
    parley_share: Annotated[float, "units"]
    parley_quiet: Annotated[float, "units"]
    lag_parley: Annotated[float, "units"]
    # society
    tau_mu: Annotated[float, "society"]
    tau_sd: Annotated[float, "society"]
    omega: Annotated[float, "society"]
    gap: Annotated[float, "society"]
    att0: Annotated[float, "society"]
    att1: Annotated[float, "society"]
    quorum: Annotated[float, "society"]
    pub_mu: Annotated[float, "society"]
    pub_sd: Annotated[float, "society"]
    a_pub: Annotated[float, "society"]
    cap_sd: Annotated[float, "society"]
    hedge_gap: Annotated[float, "society"]
    w_hedge: Annotated[float, "society"]
    # bargaining
    v_C: Annotated[float, "bargaining"]
    y_s: Annotated[float, "bargaining"]
    y_quo: Annotated[float, "bargaining"]
    delta: Annotated[float, "bargaining"]
    face: Annotated[float, "bargaining"]
    k_s: Annotated[float, "bargaining"]
    k_s_own: Annotated[float, "bargaining"]
    half_way: Annotated[float, "bargaining"]
    try_least: Annotated[float, "bargaining"]
    rec: Annotated[float, "bargaining"]
    sd_x: Annotated[float, "bargaining"]
    nu: Annotated[float, "bargaining"]
    r_talk: Annotated[float, "bargaining"]
    depth: Annotated[float, "bargaining"]
    d_blood: Annotated[float, "bargaining"]
    a_blood: Annotated[float, "bargaining"]
    q_blood: Annotated[float, "bargaining"]
    # channels
    s_req: Annotated[float, "channels"]
    k_st: Annotated[float, "channels"]
    r_call: Annotated[float, "channels"]
    s_ans: Annotated[float, "channels"]
    k_ans: Annotated[float, "channels"]
    r_seek: Annotated[float, "channels"]
    ans_a: Annotated[float, "channels"]
    ans_b: Annotated[float, "channels"]
    # actors.leader
    c_R: Annotated[float, "actors.leader"]
    aR: Annotated[float, "actors.leader"]
    bR: Annotated[float, "actors.leader"]
    w_route: Annotated[float, "actors.leader"]
    L_prior: Annotated[float, "actors.leader"]
    d_int: Annotated[float, "actors.leader"]
    q_int: Annotated[float, "actors.leader"]
    r_int: Annotated[float, "actors.leader"]
    # actors.ruler
    c_G: Annotated[float, "actors.ruler"]
    A0: Annotated[float, "actors.ruler"]
    a_s: Annotated[float, "actors.ruler"]
    A_con: Annotated[float, "actors.ruler"]
    phi: Annotated[float, "actors.ruler"]
    aG: Annotated[float, "actors.ruler"]
    bG: Annotated[float, "actors.ruler"]
    k_call: Annotated[float, "actors.ruler"]
    lam_call: Annotated[float, "actors.ruler"]
    chi_c: Annotated[float, "actors.ruler"]
    # actors.ministry
    r_min: Annotated[float, "actors.ministry"]
    w_block: Annotated[float, "actors.ministry"]
    relief: Annotated[float, "actors.ministry"]
    post_at_stake: Annotated[float, "actors.ministry"]
    # actors.guard
    r_fwd: Annotated[float, "actors.guard"]
    fwd_max: Annotated[float, "actors.guard"]
    guard_share: Annotated[float, "actors.guard"]
    # actors.mediator
    v_med: Annotated[float, "actors.mediator"]
    c_med: Annotated[float, "actors.mediator"]
    b_med: Annotated[float, "actors.mediator"]
    lev_med: Annotated[float, "actors.mediator"]
    rel: Annotated[float, "actors.mediator"]
    k_fail: Annotated[float, "actors.mediator"]
    r_offer: Annotated[float, "actors.mediator"]
    r_walk: Annotated[float, "actors.mediator"]
    # terms
    terms_scale: Annotated[float, "terms"]
    # aftermath
    rho_w: Annotated[float, "aftermath"]
    h_max: Annotated[float, "aftermath"]
    c_renege: Annotated[float, "aftermath"]
    k_ren: Annotated[float, "aftermath"]
    h_min: Annotated[float, "aftermath"]
    rho_grudge: Annotated[float, "aftermath"]
    revenge: Annotated[float, "aftermath"]
    # mechanisms with a flag of their own
    with_calls: float
    with_mediation: float
    with_package: float
    with_clauses: float
    # worked out from the others, once
    p_revise: float
    p_attend_before: float
    p_attend_after: float
    p_crowd: float
    p_call: float
    p_offer: float
    sd_battle: float
    log_odds0: float
    n_steps: float
    n_weeks: float
    n_towns: float
    # by seat, channel, item, town, package
    present: Annotated[list[float], (N_SEATS,)]
    precision: Annotated[list[float], (N_SEATS,)]
    influence: Annotated[list[float], (N_SEATS,)]
    w_post: Annotated[list[float], (N_SEATS,)]
    w_blood: Annotated[list[float], (N_SEATS,)]
    w_auth: Annotated[list[float], (N_SEATS,)]
    shade: Annotated[list[float], (N_SEATS,)]
    faith: Annotated[list[float], (N_SEATS,)]
    r_ask: Annotated[list[float], (N_SEATS,)]
    act: Annotated[
        list[list[float]],
        (
            N_SEATS,
            N_OPTIONS,
        ),
    ]
    doctrine: Annotated[list[float], (N_SEATS,)]
    tilt: Annotated[list[float], (N_SEATS,)]
    aspiration: Annotated[list[float], (N_SEATS,)]
    p_ask: Annotated[list[float], (N_SEATS,)]
    rank: Annotated[list[float], (N_CHANNELS,)]
    p_answer: Annotated[list[float], (N_CHANNELS,)]
    open: Annotated[list[float], (N_CHANNELS,)]
    status: Annotated[list[float], (N_CHANNELS,)]
    guarantee: Annotated[list[float], (N_CHANNELS,)]
    cover: Annotated[list[float], (N_CHANNELS,)]
    news: Annotated[list[float], (N_CHANNELS,)]
    item_worth: Annotated[list[float], (N_ITEMS,)]
    item_price: Annotated[list[float], (N_ITEMS,)]
    item_erosion: Annotated[list[float], (N_ITEMS,)]
    node_km: Annotated[list[float], (N_NODES,)]
    frontier_worth: Annotated[list[float], (N_ITEMS + 1,)]
    frontier_price: Annotated[list[float], (N_ITEMS + 1,)]
    dearness: Annotated[
        list[float], (N_ITEMS,)
    ]  # price per worth along each piece of the frontier, 0 where it has no length
    thrift: Annotated[list[float], (N_ITEMS,)]  # worth per price, the same way
    package_worth: Annotated[list[float], (N_PACKAGES,)]
    package_price: Annotated[list[float], (N_PACKAGES,)]

    __slots__ = tuple(__annotations__)

    def __getattr__(self, name: str) -> Any:  # reached only for a name that is no number of the model
        raise AttributeError(f"no number of the model is called {name!r}; sim.model.params.NAMES lists them")

    def row(self) -> np.ndarray:
        """The same numbers as one record for the kernel: shape (1,), dtype `params_type()`."""
        import numpy as np

        # All are floats side by side; filling the record field by field would take milliseconds.
        flat: list[float] = []
        for name in NAMES:
            value, shape = getattr(self, name), ARRAYS.get(name, ())
            flat.extend((value,) if not shape else value if len(shape) == 1 else [x for line in value for x in line])
        return np.array(flat).view(params_type())


def _tables() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[int, ...]]]:
    """From the annotations: numbers by the group of the configuration that feeds them, and shapes of the arrays."""
    groups: dict[str, tuple[str, ...]] = {}
    shapes: dict[str, tuple[int, ...]] = {}
    for name, hint in get_type_hints(Params, include_extras=True).items():
        _, *said = get_args(hint) or (hint,)
        if said and isinstance(said[0], str):
            groups[said[0]] = (*groups.get(said[0], ()), name)
        elif said:
            shapes[name] = said[0]
    return groups, shapes


NAMES = tuple(Params.__annotations__)
SCALARS, ARRAYS = _tables()


@cache
def params_type() -> np.dtype[np.void]:
    """NumPy record of the numbers: floats in the order of `NAMES`."""
    import numpy as np

    return np.dtype([(name, "f8", ARRAYS.get(name, ())) for name in NAMES], align=True)
