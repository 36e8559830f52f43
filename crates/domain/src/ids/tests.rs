use super::*;

#[test]
fn an_id_is_read_back_as_it_was_written() {
    for value in [0, 1, u128::MAX, 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef] {
        let uuid = Uuid::from_u128(value);
        let id = TicketId::from(uuid);
        assert_eq!(id.to_string(), uuid.hyphenated().to_string());
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(Uuid::from(id), uuid);
    }
}

#[test]
fn nothing_else_is_an_id() {
    for text in [
        "",
        "1",
        "0123456789abcdef0123456789abcdef",
        "{01234567-89ab-cdef-0123-456789abcdef}",
        "01234567-89ab-cdef-0123-456789abcdeg",
        "012345678-9ab-cdef-0123-456789abcdef",
        "01234567-89ab-cdef-0123-456789abcde-",
        "01234567089ab-cdef-0123-456789abcdef",
    ] {
        assert_eq!(text.parse::<TicketId>(), Err(MalformedId), "{text}");
    }
}

#[test]
fn a_hash_is_read_back_as_it_was_written() {
    let hash = SecretHash::new(std::array::from_fn(|at| u8::try_from(at * 8).unwrap()));
    assert_eq!(hash.to_hex().parse(), Ok(hash));
    for text in ["", "00", &"0".repeat(63), &"g".repeat(64), &"é".repeat(32)] {
        assert_eq!(text.parse::<SecretHash>(), Err(MalformedId), "{text}");
    }
}

#[test]
fn a_secret_is_never_printed() {
    assert_eq!(format!("{:?}", Secret::new("open sesame".to_owned())), "Secret(…)");
    assert_eq!(format!("{:?}", SecretHash::new([7; 32])), "SecretHash(…)");
}

#[test]
fn a_device_id_is_one_to_64_plain_characters() {
    let longest = "x".repeat(DeviceId::MAX_LENGTH);
    for text in ["a", "Phone-1_2.3:4", &longest] {
        let id: DeviceId = text.parse().unwrap();
        assert_eq!((id.as_str(), id.to_string().as_str()), (text, text));
    }
    for text in ["", "two words", "é", "a/b", &format!("{longest}x")] {
        assert_eq!(text.parse::<DeviceId>(), Err(MalformedId), "{text}");
    }
}

#[test]
fn a_secret_is_revealed_as_it_was_given() {
    assert_eq!(Secret::new("open sesame".to_owned()).reveal(), "open sesame");
}

#[test]
fn hashes_that_differ_have_different_places_in_a_map() {
    let hashes: std::collections::HashSet<_> = (0..9).map(|byte| SecretHash::new([byte; 32])).collect();
    assert_eq!(hashes.len(), 9);
    let place = |hash: SecretHash| {
        let mut hasher = std::hash::DefaultHasher::new();
        hash.hash(&mut hasher);
        std::hash::Hasher::finish(&hasher)
    };
    assert_ne!(place(SecretHash::new([1; 32])), place(SecretHash::new([2; 32])));
}

proptest::proptest! {
    #[test]
    fn a_code_is_one_short_form_of_an_id(value in proptest::prelude::any::<u128>(), at in 0..26_usize, letter in "[0-9A-Za-z]") {
        let id = TicketId::from(Uuid::from_u128(value));
        let code = id.to_code();
        proptest::prop_assert_eq!(code.len(), 26);
        proptest::prop_assert!(code.bytes().all(|letter| letter.is_ascii_uppercase() || (b'2'..=b'7').contains(&letter)));
        proptest::prop_assert_eq!(TicketId::of_code(&code), Ok(id));
        proptest::prop_assert_eq!(TicketId::of_code(&code.to_ascii_lowercase()), Ok(id));
        let mut other = code.clone();
        other.replace_range(at..=at, &letter);
        if !other.eq_ignore_ascii_case(&code) {
            proptest::prop_assert_ne!(TicketId::of_code(&other), Ok(id));
        }
    }
}

#[test]
fn a_code_has_no_other_spelling() {
    let id = TicketId::from(Uuid::from_u128(u128::MAX));
    assert_eq!(id.to_code(), "77777777777777777777777774");
    for code in [
        "",
        "7777777777777777777777777",
        "77777777777777777777777777",
        "777777777777777777777777741",
        "7777777777777777777777777é",
    ] {
        assert_eq!(TicketId::of_code(code), Err(MalformedId), "{code}");
    }
}
