-- A contact. Keys: meta. Arguments: contact. Reply: contact. Refused: not_found. Cost: 1 command.
return function(args)
  local p = args.contact and D.find_contact(args.contact)
  if not p then D.fail('not_found', 'no contact ' .. tostring(args.contact)) end
  return {contact = D.contact_view(p)}
end
