-- What every conversation has, and what its record has lost of it: as near to what it was as can be known.

-- Where the indexes have it, they know what its record has lost.
local function indexed(c)
  for _, queue in ipairs(D.queue_names()) do
    for _, kind in ipairs(D.kinds()) do
      for _, state in ipairs({'waiting', 'offered', 'active', 'pending', 'snoozed', 'resolved', 'closed'}) do
        local score = call('ZSCORE', P .. 'in:' .. state .. ':' .. queue .. ':' .. kind, c.id)
        if score then return {st = state, q = queue, k = kind, score = tonumber(score)} end
      end
    end
  end
  return {}
end

-- Which of these it lacks.
function D.fields_lost(c)
  local names = {}
  for _, field in ipairs({'st', 'q', 'k', 'cr', 'ps'}) do
    if not c[field] then names[#names + 1] = field end
  end
  return names
end

-- The channel of another conversation of its kind: mostly the desk has one.
local function likely_channel(c)
  for _, queue in ipairs(D.queue_names()) do
    for _, state in ipairs(D.open_states) do
      for _, id in ipairs(call('ZRANGE', P .. 'in:' .. state .. ':' .. queue .. ':' .. c.k, 0, 2)) do
        local other = D.audit_known(id)
        if other and other.ch then return other.ch end
      end
    end
  end
end

-- What was told when it began, should it wait for its first answer, or be past that.
local function recall_birth(c, known)
  if c.ref then return end
  local told = known.score and D.told_at(known.score, 'c.created', c.id) or {}
  D.set(c, 'ref', told.ref or D.short_name())
  D.set(c, 'ct', c.ct or told.ct)
  D.set(c, 'ch', c.ch or told.ch)
end

-- When it was resolved: so long before time is to close it.
local function resolved_at(c)
  local closes = call('ZSCORE', P .. 'timers:bulk', 'x|' .. c.id)
  return closes and tonumber(closes) - D.settings().conversations.reopen_within or D.now
end

function D.complete(c)
  local known, kinds = indexed(c), D.kinds()
  c.was_st, c.was_q, c.was_k = known.st, known.q, known.k
  recall_birth(c, known)
  D.set(c, 'k', c.k or known.k or kinds[1])
  D.set(c, 'q', c.q or known.q or D.shelter(c))
  D.set(c, 'ps', c.ps or (D.queue(c.q) or {}).promise_s or 3600)
  D.set(c, 'st', c.st or known.st or c.ow and 'active' or c.of and 'offered' or c.ca and 'closed' or
    c.ra and 'resolved' or 'waiting')
  if not c.cr then
    -- What waits is indexed by its age, else by its beginning; other times are kept as since then.
    D.began_at(c.rec, known.score and known.score - (known.st == 'waiting' and c.ag or 0) or D.now)
    c.changed = true
  end
  if c.st == 'resolved' then D.set(c, 'ra', c.ra or resolved_at(c)) end
  D.set(c, 'rx', c.rx or D.now)
  D.set(c, 'ag', c.ag or c.us or c.cr)
  if not c.d then
    local long = D.long(c)
    D.demand_of(c, long, long)
    D.set(c, 'd', (D.plan(c)))
  end
  D.set(c, 'ch', c.ch or likely_channel(c))
end
