-- Texts that customers are owed: noted by the script that gives rise to one, until `system` has written it. Whoever
-- made the call says it at once; should he die before, another daemon finds it here.
local at_once = 10000  -- what nobody has said by then is given to whoever asks

-- `key`: as it is said under, once in a conversation.
function D.owe(c, key)
  if D.settings().own_time then return end
  call('ZADD', P .. 'texts', D.text(D.now + at_once), c.id .. ' ' .. key)
end

function D.said(id, key)
  call('ZREM', P .. 'texts', id .. ' ' .. key)
end
